/** How the commands of a page are run, where there is something to say. */
export interface Page {
  /** It changes the checkout that it is read in: its commands are run in a copy, others in a folder with a link to `./hadron`. */
  changesCheckout?: true;
  /** What it takes for granted, by path in its folder; the files that it shows are there anyway. */
  given?: Readonly<Record<string, string>>;
  /** What the output of a command must have in it, beside its exit status. */
  says?: Readonly<Record<string, readonly string[]>>;
  /** Another test that runs all of them, as they stand there. */
  runBy?: string;
}

/** Every page that shows commands. `test/e2e/docs.test.ts` runs them, but those that `not-run.ts` names. */
export const pages: Readonly<Record<string, Page>> = {
  "README.md": {},
  "docs/boot.md": {},
  "docs/build-system.md": {},
  "docs/container-images.md": {},
  "docs/customising.md": {
    changesCheckout: true,
    says: { "./hadron why /usr/bin/hello": ["/usr/bin/hello comes from hello\n", "image node needs hello\n"] },
  },
  "docs/docker.md": {},
  "docs/extensions.md": {},
  "docs/kernel.md": {
    // To compile the real ones takes half an hour. OpenSSL does not look into what it signs.
    given: { "modules/kernel/drivers/net/example.ko": "a module" },
  },
  "docs/overview.md": {},
  "docs/provenance.md": {},
  "docs/quickstart.md": {},
  "docs/registries.md": {},
  "docs/reproducible.md": {},
  "docs/sbom.md": {},
  "docs/signatures.md": {
    says: {
      "./hadron verify out/cloud.raw --key release.pub": ["the image cloud as disk", "release.pub, valid until"],
      "cosign verify --key release.pub --insecure-ignore-tlog=true registry.example/hadron/cloud:0.1.0": [
        "The signatures were verified against the specified public key",
      ],
    },
  },
  "docs/ssh.md": {},
  "docs/toolchain.md": {},
  "docs/workloads.md": {},
  "examples/git/README.md": { runBy: "test/e2e/toolchain.test.ts" },
};

/** Made from the table of commands, whose examples `src/cli/program.test.ts` reads. */
export const generatedPage = "docs/reference/commands.md";
