import { chmod, mkdir, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { openAuthorization } from "./authorization.ts";
import type { Answer } from "./http.ts";
import { imageAndRegistry } from "./test-image.ts";
import { openTestRegistry, refuse } from "./test-registry.ts";

const unauthorized = (authenticate: string) => ({ "www-authenticate": authenticate });

/** A registry that takes tokens only, and the place that gives them, which knows one user. */
async function withTokens({ realm = "" } = {}) {
  const stack = new AsyncDisposableStack();
  const it = stack.use(await imageAndRegistry({ bytes: 1000 }));
  const place = stack.use(await openTestRegistry());
  let issued = 0;
  let valid = "";
  const bodies: string[] = [];
  place.interfere = (request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      if (request.headers.authorization !== `Basic ${btoa("me:secret")}` && !body.includes("refresh_token=whole"))
        return refuse(response, 401, "UNAUTHORIZED");
      valid = `token-${++issued}`;
      return response.end(JSON.stringify({ token: valid }));
    });
    return true;
  };
  const challenge = `Bearer realm="${realm || `http://${place.host}/token`}",service="test"`;
  it.registry.interfere = (request, response) =>
    request.headers.authorization !== `Bearer ${valid}` &&
    refuse(response, 401, "UNAUTHORIZED", unauthorized(challenge));
  it.common.plainHttp = [it.registry.host, place.host];
  it.common.environment = { DOCKER_CONFIG: it.folder, PATH: `${it.folder}:${process.env.PATH}` };
  return {
    ...{ it, place, bodies },
    login: (config: unknown) => writeFile(join(it.folder, "config.json"), JSON.stringify(config)),
    issued: () => issued,
    expire: () => {
      valid = "";
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const auths = (host: string, auth = btoa("me:secret")) => ({ auths: { [host]: { auth } } });

describe("a registry with tokens", () => {
  it("gets one for all requests, with the rights that are needed", async () => {
    await using tokens = await withTokens();
    await tokens.login(auths(tokens.it.registry.host));
    await tokens.it.push();
    await tokens.it.pull();
    expect(tokens.issued()).toBe(2);
    const scopes = tokens.place.requests.map(
      (request) => new URL(request.split(" ")[1] ?? "", "http://x.test").searchParams,
    );
    expect(scopes.map((query) => query.get("scope"))).toEqual([
      "repository:some/image:pull,push",
      "repository:some/image:pull",
    ]);
    expect(scopes[0]?.get("service")).toBe("test");
  });

  it("gets another one when it has expired", async () => {
    await using tokens = await withTokens();
    await tokens.login(auths(tokens.it.registry.host));
    const inner = tokens.it.registry.interfere;
    let requests = 0;
    tokens.it.registry.interfere = (request, response) => {
      requests += 1;
      if (requests === 8) tokens.expire();
      return inner?.(request, response) ?? false;
    };
    await tokens.it.push();
    expect(tokens.issued()).toBe(2);
  });

  it.each([
    ["is busy", (response: ServerResponse) => refuse(response, 429, "TOOMANYREQUESTS")],
    ["fails", (response: ServerResponse) => refuse(response, 503, "UNAVAILABLE")],
    ["breaks off", (response: ServerResponse) => response.write("{", () => response.destroy())],
  ])("asks the place of the tokens again that %s for a moment", async (_, fail) => {
    await using tokens = await withTokens();
    await tokens.login(auths(tokens.it.registry.host));
    const { interfere: answer } = tokens.place;
    tokens.place.interfere = (request, response) => {
      if (tokens.place.requests.length > 2) return answer?.(request, response) ?? false;
      fail(response);
      return true;
    };
    await tokens.it.push();
    expect(tokens.issued()).toBe(1);
  });

  it("does not say that the repository is not there where the place of the tokens is not", async () => {
    await using tokens = await withTokens();
    tokens.place.interfere = (_, response) => {
      refuse(response, 404, "NOT_FOUND");
      return true;
    };
    await expect(tokens.it.push()).rejects.toMatchObject({ code: "REGISTRY_INVALID" });
  });

  it("asks the place of the tokens once for requests that fail together", async () => {
    let asked = 0;
    const answers = Promise.withResolvers<Answer>();
    const authorization = openAuthorization({
      ...{ repository: "some/image", actions: "pull", credentials: async () => undefined, admit: () => {} },
      send: () => {
        asked += 1;
        return answers.promise;
      },
    });
    const renew = () => authorization.renew('Bearer realm="https://tokens.example/token"', undefined);
    const together = [renew(), renew(), authorization.header()];
    answers.reject(new Error("The connection was reset"));
    for (const { status } of await Promise.allSettled(together)) expect(status).toBe("rejected");
    expect(asked).toBe(1);
    expect(await authorization.header()).toBeUndefined();
    await expect(renew()).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(asked).toBe(2);
  });

  it("never sees the password, and the place of the tokens sees it only", async () => {
    await using tokens = await withTokens();
    await tokens.login(auths(tokens.it.registry.host));
    await tokens.it.push();
    expect(tokens.it.registry.authorizations.filter((sent) => sent?.startsWith("Basic"))).toEqual([]);
  });

  it("takes an identity token that a login left", async () => {
    await using tokens = await withTokens();
    await tokens.login({ auths: { [tokens.it.registry.host]: { identitytoken: "whole" } } });
    await tokens.it.push();
    expect(tokens.bodies[0]).toContain("grant_type=refresh_token");
  });

  it("is told nothing over a place without TLS", async () => {
    await using tokens = await withTokens({ realm: "http://tokens.example/token" });
    await tokens.login(auths(tokens.it.registry.host));
    await expect(tokens.it.push()).rejects.toMatchObject({ code: "REGISTRY_REDIRECT" });
  });

  it.each(["", "file:///etc/passwd", "token"])("with no place to get one is refused (%s)", async (realm) => {
    await using tokens = await withTokens({ realm: realm || "nothing" });
    await expect(tokens.it.push()).rejects.toMatchObject({ code: "REGISTRY_INVALID" });
  });

  it("that refuses the user says so", async () => {
    await using tokens = await withTokens();
    await tokens.login(auths(tokens.it.registry.host, btoa("me:wrong")));
    const error = await tokens.it.push().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      kind: "source",
      code: "REGISTRY_UNAUTHORIZED",
      hint: expect.stringContaining("login"),
    });
    expect(JSON.stringify(error) + String(error)).not.toContain("wrong");
  });
});

describe("credentials", () => {
  /** A registry that asks for user and password. */
  async function withPassword() {
    const it = await imageAndRegistry({ bytes: 1000 });
    it.registry.interfere = (request: IncomingMessage, response) =>
      request.headers.authorization !== `Basic ${btoa("me:se:cret")}` &&
      refuse(response, 401, "UNAUTHORIZED", unauthorized('Basic realm="test"'));
    it.common.environment = { DOCKER_CONFIG: it.folder, PATH: `${it.folder}:${process.env.PATH}` };
    return Object.assign(it, {
      login: (config: unknown) =>
        writeFile(join(it.folder, "config.json"), typeof config === "string" ? config : JSON.stringify(config)),
      helper: async (script: string) => {
        await writeFile(join(it.folder, "docker-credential-test"), `#!/bin/sh\n${script}\n`);
        await chmod(join(it.folder, "docker-credential-test"), 0o755);
      },
    });
  }

  it("come from Docker's configuration, also under an older name", async () => {
    await using it = await withPassword();
    for (const name of [it.registry.host, `https://${it.registry.host}/v1/`]) {
      await it.login(auths(name, btoa("me:se:cret")));
      await it.push();
    }
  });

  it("come from below the home folder where nothing else is said", async () => {
    await using it = await withPassword();
    await mkdir(join(it.folder, ".docker"));
    await writeFile(
      join(it.folder, ".docker/config.json"),
      JSON.stringify(auths(it.registry.host, btoa("me:se:cret"))),
    );
    await it.push({ environment: { HOME: it.folder } });
  });

  it.each(["credHelpers", "credsStore"])("come from a helper (%s)", async (field) => {
    await using it = await withPassword();
    await it.helper(
      `read -r name; test "$1 $name" = "get ${it.registry.host}" && echo '{"Username":"me","Secret":"se:cret"}'`,
    );
    await it.login({ [field]: field === "credsStore" ? "test" : { [it.registry.host]: "test" } });
    await it.push();
  });

  it("that a helper does not know are none", async () => {
    await using it = await withPassword();
    await it.helper("echo credentials not found in native keychain; exit 1");
    await it.login({ credsStore: "test" });
    await expect(it.push()).rejects.toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
  });

  it.each([
    ["fails", "exit 3"],
    ["says something else", "echo hello"],
  ])("of a helper that %s are an error that names it", async (_, script) => {
    await using it = await withPassword();
    await it.helper(script);
    await it.login({ credsStore: "test" });
    await expect(it.push()).rejects.toMatchObject({
      kind: "host",
      code: "CREDENTIAL_HELPER_FAILED",
      message: expect.stringContaining("docker-credential-test"),
    });
  });

  it.each(["{", '{"auths": 3}', '{"credsStore": "../../bin/sh"}'])(
    "in a damaged configuration are an error (%s)",
    async (config) => {
      await using it = await withPassword();
      await it.login(config);
      await expect(it.push()).rejects.toMatchObject({ kind: "input", code: "CREDENTIALS_INVALID" });
    },
  );
});
