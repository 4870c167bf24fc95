import { callerPosition, HadronError } from "../base/mod.ts";
import type { Recipe } from "../recipe/mod.ts";

/** What starts an image on a machine; an image that only runs in containers has none of it. */
export interface BootFields {
  kernel: Recipe;
  /** Words of the kernel command line of a disk; what the root hash adds comes from the build. */
  commandLine: string[];
  /** The same for running from RAM. */
  liveCommandLine: string[];
  /** Sizes in MiB. The root's two are those of one slot, the same on every node for good: updates must fit into them. */
  layout: { esp: number; root: number; verity: number };
  /** How often the boot loader tries a new release before it goes back to the other slot. */
  bootTries: number;
  /**
   * Binds /var to the machine's TPM, where it has one: LUKS2, opened in the initrd of a UKI that is signed by the key which the
   * first boot saw. Without the field, and on machines without a TPM, /var is not encrypted.
   */
  varEncryption?: "tpm2";
}

/** The fields of {@link BootFields} come together or not at all. */
export interface ImageFields extends Partial<BootFields> {
  /** Lower-case, kebab-case, at most 32 characters: it names the partitions and the boot entries. */
  name: string;
  summary: string;
  /** `1.2.3`, optionally with a suffix (`1.2.3-rc.1`). Shown in os-release; part of the slots' labels and the UKI's name. */
  version: string;
  /** What the OS consists of; libraries come along by themselves. */
  components: Recipe[];
  /** True for an image to build against the OS in: with headers, static libraries and the toolchain. */
  development?: true;
}

export interface Image extends Readonly<ImageFields> {
  readonly position: { file: string; line: number };
}

export type BootableImage = Image & Readonly<BootFields>;

const bootFields: readonly string[] = [
  "kernel",
  "commandLine",
  "liveCommandLine",
  "layout",
  "bootTries",
  "varEncryption",
];

const optionalFields: readonly string[] = ["development", "varEncryption"];

/** Whether there can be a disk of the image: it has a kernel, and what belongs to one. */
export function isBootable(image: Image): image is BootableImage {
  return image.kernel !== undefined;
}

const checks: { [field in keyof ImageFields]-?: { is: (value: unknown) => boolean; want: string } } = {
  name: { is: matches(/^[a-z][a-z0-9-]{0,31}$/), want: "lower-case letters, digits and dashes, at most 32 characters" },
  summary: { is: matches(/\S/), want: "a sentence" },
  version: { is: matches(/^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/), want: 'a version such as "1.2.3"' },
  components: { is: isRecipeList, want: "a list of recipes (a recipe's default export)" },
  development: { is: (value) => value === true, want: "true, or nothing" },
  kernel: { is: isRecipe, want: "a recipe (a recipe's default export)" },
  commandLine: { is: isWordList, want: "a list of words without white space or double quotes" },
  liveCommandLine: { is: isWordList, want: "a list of words without white space or double quotes" },
  layout: { is: isLayout, want: "{ esp, root, verity }, each a whole number of MiB above zero" },
  bootTries: { is: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 100, want: "1 to 99" },
  varEncryption: { is: (value) => value === "tpm2", want: '"tpm2"' },
};

/**
 * Checks and freezes the description of one OS image; its place in the source is remembered for messages.
 * @throws HadronError IMAGE_INVALID with the place and what the field must be.
 */
export function image(fields: ImageFields & BootFields): BootableImage;
export function image(fields: ImageFields): Image;
export function image(fields: ImageFields): Image {
  const position = callerPosition(import.meta.filename);
  const refuse = (message: string, hint: string): never => {
    throw new HadronError(message, {
      kind: "input",
      code: "IMAGE_INVALID",
      at: `${position.file}:${position.line}`,
      hint,
    });
  };
  const name = String(fields.name ?? "");
  for (const field of Object.keys(fields))
    if (!Object.hasOwn(checks, field))
      refuse(`Image "${name}" has the unknown field "${field}"`, `Known: ${Object.keys(checks).join(", ")}`);
  const isContainer = bootFields.every((field) => fields[field as keyof ImageFields] === undefined);
  for (const [field, { is, want }] of Object.entries(checks)) {
    const value: unknown = fields[field as keyof ImageFields];
    if (isContainer && bootFields.includes(field)) continue;
    if (value === undefined && optionalFields.includes(field)) continue;
    if (value === undefined) refuse(`Image "${name}" lacks the field "${field}"`, `Give it ${want}`);
    if (!is(value)) refuse(`Image "${name}" has ${field} ${show(value)}`, `It must be ${want}`);
  }
  const names = fields.components.map((component) => component.name);
  const twice = names.find((component, index) => names.indexOf(component) !== index);
  if (twice) refuse(`Image "${name}" lists the component "${twice}" twice`, "Remove one of them");
  return Object.freeze({ ...fields, position });
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (isRecipe(value)) return (value as Recipe).name;
  return JSON.stringify(value) ?? String(value);
}

function matches(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === "string" && pattern.test(value);
}

function isRecipe(value: unknown): boolean {
  return typeof value === "object" && value !== null && "position" in value && "build" in value;
}

function isRecipeList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isRecipe);
}

function isWordList(value: unknown): boolean {
  return Array.isArray(value) && value.every((word) => typeof word === "string" && /^[^\s"]+$/.test(word));
}

function isLayout(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Object.keys(value).sort().join() !== "esp,root,verity")
    return false;
  return Object.values(value).every((size) => Number.isInteger(size) && size > 0);
}
