/** The tests that ask container engines, which mount file systems and change owners. */
export const filesThatNeedRoot = [
  "test/e2e/container.test.ts",
  "test/e2e/docker.test.ts",
  "test/e2e/toolchain.test.ts",
  "test/e2e/workloads.test.ts",
];

/**
 * What a user who is not root is told before anything is run; undefined for root.
 * @param uid Undefined where a system has no such numbers
 */
export function rootNeeded(uid: number | undefined): string | undefined {
  if (uid === 0) return undefined;
  return [
    `Podman, Docker, Buildah and umoci are asked as root, in ${filesThatNeedRoot.join(", ")}, and this is user ${uid}`,
    "  hint: sudo make test runs all of it, with root's own cache; without root, make ok and, once the image is built:",
    `        npm run e2e -- ${filesThatNeedRoot.map((file) => `--exclude ${file}`).join(" ")}`,
  ].join("\n");
}
