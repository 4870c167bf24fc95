import { expect, test } from "vitest";
import { encodeCredentials } from "./credentials.ts";

const unit = "systemd.extra-unit.hadron-agent.service";

test("a small credential becomes an SMBIOS string of exactly its bytes", () => {
  const { files, arguments: args } = encodeCredentials({ [unit]: Uint8Array.of(0, 255, 10) }, "/run/vm");
  expect(args).toEqual(["-smbios", "type=11,path=/run/vm/credential-0"]);
  expect(Buffer.from(files[0]?.content ?? "").toString()).toBe(`io.systemd.credential.binary:${unit}=AP8K`);
});

test("a large credential goes by fw_cfg, unencoded", () => {
  const { files, arguments: args } = encodeCredentials({ "sysext.image": "x".repeat(100_000) }, "/run/vm");
  expect(args).toEqual(["-fw_cfg", "name=opt/io.systemd.credentials/sysext.image,file=/run/vm/credential-0"]);
  expect(files[0]?.content.length).toBe(100_000);
});

test("a name too long for fw_cfg goes by SMBIOS, up to what its table holds", () => {
  const { arguments: args } = encodeCredentials({ [unit]: "x".repeat(20_000) }, "/run/vm");
  expect(args[0]).toBe("-smbios");
  expect(() => encodeCredentials({ [unit]: "x".repeat(60_000) }, "/run/vm")).toThrow(unit);
});

test("many small ones never overflow the SMBIOS table", () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`c${index}`, "x".repeat(5000)]));
  const { files, arguments: args } = encodeCredentials(many, "/run/vm");
  const smbios = args.flatMap((value) => value.match(/^type=11,path=\/run\/vm\/(.*)/)?.[1] ?? []);
  const size = smbios.reduce((sum, name) => sum + (files.find((file) => file.name === name)?.content.length ?? 0), 0);
  expect(size).toBeLessThan(60_000);
  expect(args.filter((value) => value === "-fw_cfg").length).toBe(40 - smbios.length);
});

test.each(["a/b", "a:b", "a=b", "", "..", "a,b", "ä", "x".repeat(256)])("refuses the name %j", (name) => {
  expect(() => encodeCredentials({ [name]: "" }, "/run/vm")).toThrow("is not valid");
});
