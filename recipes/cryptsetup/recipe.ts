import { meson, recipe } from "../../src/recipe/mod.ts";
import jsonC from "../json-c/recipe.ts";
import lvm2 from "../lvm2/recipe.ts";
import openssl from "../openssl/recipe.ts";
import popt from "../popt/recipe.ts";
import utilLinux from "../util-linux/recipe.ts";

export default recipe({
  name: "cryptsetup",
  summary: "Disk encryption, dm-verity and dm-integrity: library and programs",
  needs: { libs: [jsonC, lvm2, openssl, popt, utilLinux] },
  build: meson({
    options: {
      asciidoc: "disabled",
      "external-tokens": false,
      nls: false,
      "ssh-token": false,
      tmpfilesdir: "/usr/lib/tmpfiles.d",
    },
  }),
  test: () => `truncate -s 1M data
root=$(/sysroot/usr/bin/veritysetup format data hashes --salt=00 --uuid=0d7b6ec0-5ce0-4ad7-9f3a-3a2a8ef9ad34 --root-hash-file=root | grep -c '^Root hash:')
test "$root" = 1
/sysroot/usr/bin/veritysetup verify data hashes $(cat root)
printf x | dd of=data bs=1 seek=70000 conv=notrunc status=none
if /sysroot/usr/bin/veritysetup verify data hashes $(cat root); then exit 1; fi
truncate -s 20M disk
printf secret | /sysroot/usr/bin/cryptsetup luksFormat -q --pbkdf argon2id --pbkdf-memory 65536 --pbkdf-force-iterations 4 disk -
printf secret | /sysroot/usr/bin/cryptsetup open --test-passphrase disk --key-file -
`,
});
