import type { BuildContext, Script } from "./recipe.ts";

/**
 * Scripts for the usual build systems. Conventions that every component shares (prefix, directories, static libraries,
 * documentation) are defaults here, so that a recipe only says what is special about it.
 */

/** A list of words, or a function of the context that gives one. Words are quoted for the shell. */
type Words = string[] | ((context: BuildContext) => string[]);

/**
 * The toolbox's compiler, for programs of the toolchain: they run wherever they are taken, on whatever C library. Libtool eats the
 * first word, and means something else by it.
 */
export const staticCompiler = { c: "gcc -static --static", cxx: "g++ -static --static" };

interface Common {
  /**
   * Keeps static libraries beside the shared ones, for those who build against the OS. `autotools()` and `meson()` make them,
   * position-independent as well; a CMake project makes them by an option of its own, often `BUILD_STATIC_LIBS`.
   */
  static?: boolean;
  /** Shell lines after unpacking, in the source folder. */
  before?: string | ((context: BuildContext) => string);
  /** Shell lines after installing, in the source folder, with the component in /out. */
  after?: string | ((context: BuildContext) => string);
  /** The folder inside the source that holds the build system; default `.`. */
  subdir?: string;
}

/** Unpacks the recipe's first source to /build/src and changes to it. */
export const unpack = (name: string): string =>
  `mkdir -p /build/src\ntar -xf /sources/${name} -C /build/src --strip-components=1 --no-same-owner\ncd /build/src`;

/**
 * What no component leaves behind: documentation, libtool's `.la` files, which name /usr/lib, the build host's when another component
 * is linked, and static libraries, unless the recipe keeps them: some are made although they are switched off.
 */
const tidy = ({ static: isStatic }: Common): string => `chmod -R u+w /out
find /out ${isStatic ? "" : "-name '*.a' -delete -o "}-name '*.la' -delete
rm -rf /out/usr/share/{bash-completion,doc,gtk-doc,info,locale,man}`;

export interface Autotools extends Common {
  configure?: Words;
  /** Environment of configure: `{ ac_cv_func_x: "yes" }`. */
  env?: Record<string, string>;
  make?: Words;
  install?: Words;
}

/** `configure && make && make install`. Cross: `--build` and `--host` differ, so no test program is run. */
export function autotools(options: Autotools = {}): Script {
  return (context) =>
    lines(
      unpack(context.name),
      text(options.before, context),
      enter(options),
      `${assignments(options.env)}./configure --build=$HOST_TRIPLE --host=$TRIPLE --prefix=/usr --sysconfdir=/etc --localstatedir=/var \\
  --libdir=/usr/lib --sbindir=/usr/bin ${options.static ? "--enable-static --with-pic" : "--disable-static"} --enable-shared --disable-nls --disable-dependency-tracking \\
  ${words(options.configure, context)} || { tail -n 60 config.log; exit 1; }`,
      `make -j$JOBS ${words(options.make, context)}`,
      `make DESTDIR=/out ${words(options.install ?? ["install"], context)}`,
      tidy(options),
      text(options.after, context),
    );
}

export interface Meson extends Common {
  /** `{ tests: false, mode: "release" }` → `-Dtests=false -Dmode=release`. */
  options?:
    | Record<string, string | boolean | number>
    | ((context: BuildContext) => Record<string, string | boolean | number>);
}

/** Meson with our cross file. Only what is built by default is built and installed. */
export function meson(options: Meson = {}): Script {
  return (context) => {
    const values = typeof options.options === "function" ? options.options(context) : (options.options ?? {});
    const flags = Object.entries(values).map(([name, value]) => quote(`-D${name}=${value}`));
    return lines(
      unpack(context.name),
      text(options.before, context),
      enter(options),
      `meson setup /build/meson --cross-file=/cross/meson.cross --prefix=/usr --sysconfdir=/etc --localstatedir=/var \\
  --libdir=lib --sbindir=bin --buildtype=plain --auto-features=disabled --wrap-mode=nodownload --default-library=${options.static ? "both" : "shared"} \\
  ${flags.join(" ")} || { tail -n 60 /build/meson/meson-logs/meson-log.txt; exit 1; }`,
      `ninja -C /build/meson -j$JOBS`,
      `DESTDIR=/out meson install -C /build/meson --no-rebuild --quiet`,
      tidy(options),
      text(options.after, context),
    );
  };
}

export interface CMake extends Common {
  options?: Record<string, string | boolean | number>;
}

export function cmake(options: CMake = {}): Script {
  return (context) => {
    const flags = Object.entries(options.options ?? {}).map(([name, value]) =>
      quote(`-D${name}=${typeof value === "boolean" ? (value ? "ON" : "OFF") : value}`),
    );
    return lines(
      unpack(context.name),
      text(options.before, context),
      `cmake -S ${options.subdir ?? "."} -B /build/cmake -G Ninja -DCMAKE_TOOLCHAIN_FILE=/cross/toolchain.cmake -DCMAKE_INSTALL_PREFIX=/usr \\
  -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_SBINDIR=bin -DCMAKE_BUILD_TYPE=None -DBUILD_SHARED_LIBS=ON -DCMAKE_SKIP_RPATH=ON \\
  ${flags.join(" ")}`,
      `ninja -C /build/cmake -j$JOBS`,
      `DESTDIR=/out cmake --install /build/cmake`,
      tidy(options),
      text(options.after, context),
    );
  };
}

/** For everything else: unpack, then these lines. */
export function shell(body: string | ((context: BuildContext) => string)): Script {
  return (context) => lines(unpack(context.name), text(body, context));
}

function lines(...parts: string[]): string {
  return `${parts.filter((part) => part !== "").join("\n")}\n`;
}

function text(part: string | ((context: BuildContext) => string) | undefined, context: BuildContext): string {
  return (typeof part === "function" ? part(context) : (part ?? "")).trim();
}

function enter(options: Common): string {
  return options.subdir ? `cd ${quote(options.subdir)}` : "";
}

function words(list: Words | undefined, context: BuildContext): string {
  return (typeof list === "function" ? list(context) : (list ?? [])).map(quote).join(" ");
}

function assignments(env: Record<string, string> = {}): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${quote(value)} `)
    .join("");
}

/** One word for the shell. Variables that the step's environment offers (`$TRIPLE`, …) stay usable. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word.replace(/(["\\`])/g, "\\$1")}"`;
}
