// `@peculiar/x509` reaches its parts through a container that needs these three functions of the
// metadata proposal at load time, of any polyfill. Only metadata of classes is ever asked for.

type Metadata = Map<unknown, unknown>;
interface MetadataReflection {
  defineMetadata?(key: unknown, value: unknown, target: object): void;
  getOwnMetadata?(key: unknown, target: object): unknown;
  getMetadata?(key: unknown, target: object): unknown;
}

const reflect: MetadataReflection = Reflect as MetadataReflection;

if (reflect.getMetadata === undefined) {
  const byTarget = new WeakMap<object, Metadata>();
  reflect.defineMetadata = (key, value, target) => {
    const metadata = byTarget.get(target) ?? new Map<unknown, unknown>();
    byTarget.set(target, metadata.set(key, value));
  };
  reflect.getOwnMetadata = (key, target) => byTarget.get(target)?.get(key);
  reflect.getMetadata = (key, target) => {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
      const metadata = byTarget.get(at);
      if (metadata?.has(key) === true) return metadata.get(key);
    }
    return undefined;
  };
}
