// Lets node run the TypeScript of src and test as it is: `node --import ./bench/register-typescript.mjs FILE.ts`.
import { register } from "node:module";

register("./typescript-hooks.mjs", import.meta.url);
