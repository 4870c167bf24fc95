import { expect, it } from "vitest";
import { authenticated } from "./dsse.ts";

it("what is signed is the encoding that DSSE specifies, with lengths in bytes", () => {
  const hello = authenticated("http://example.com/HelloWorld", Buffer.from("hello world"));
  expect(hello.toString()).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  expect(authenticated("é", Buffer.from("é")).toString()).toBe("DSSEv1 2 é 2 é");
});
