import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isOpenToOthers, readKeyFile } from "../../src/host/identity.ts";

const folder = mkdtempSync(join(tmpdir(), "sheaf-key-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the file of a private key", () => {
  const path = join(folder, "agent.key");
  writeFileSync(path, `0x${"11".repeat(32)}\n`);

  test.each([
    [0o600, false],
    [0o400, false],
    [0o640, true],
    [0o604, true],
    [0o602, true],
  ])("with mode %o: open to others is %s", (mode, open) => {
    chmodSync(path, mode);
    expect(isOpenToOthers(path)).toBe(open);
  });

  test("is read, and what is no key is refused without being shown", () => {
    chmodSync(path, 0o600);
    expect(readKeyFile(path).privateKey).toHaveLength(32);
    const bad = join(folder, "bad.key");
    writeFileSync(bad, "secret");
    expect(() => readKeyFile(bad)).toThrow(/no private key/);
    expect(() => readKeyFile(bad)).not.toThrow(/secret/);
  });
});
