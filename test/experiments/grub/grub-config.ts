/** The folder on the ESP that holds all that GRUB reads; also the prefix of its start-up image. */
export const grubFolder = "/hadron";

export type Slot = "a" | "b";

const slots: readonly Slot[] = ["a", "b"];

/**
 * GRUB's script, the same on every disk: starts the first slot of `order` that has tries left. What changes is beside it:
 *
 * - `grubenv`, 1024 bytes that are written in place: `order` (`a b` or `b a`), and for a slot that is on trial `tries_a` or `tries_b`.
 *   A slot without such a variable is good.
 * - `slot-a.cfg` and `slot-b.cfg`: what is started. An empty slot has none.
 *
 * A count that can't be written doesn't count as a try, or a bad slot would be tried for ever. Where no slot has tries left, one
 * that may be bad is better than none, as with systemd-boot.
 * @param tries How often a new slot is tried. GRUB can't subtract, so each number has a line.
 */
export function grubConfig(tries: number): string {
  return `serial --unit=0 --speed=115200
terminal_output console serial
set gfxpayload=text
load_env
if [ "$order" != "b a" ]; then set order="a b"; fi
probe --set=esp --part-uuid $root

${slots.map((slot) => countFunction(slot, tries)).join("\n")}
function start {
  set release=
  set options=
  source $prefix/slot-$1.cfg
  if linux $prefix/$release/linux $options hadron.slot=$1 hadron.esp=$esp; then
    if initrd $prefix/$release/initrd; then boot; fi
  fi
}

for slot in $order; do
  if count_$slot; then start $slot; fi
done
for slot in $order; do start $slot; done
sleep 10
reboot
`;
}

function countFunction(slot: Slot, tries: number): string {
  const numbers = Array.from({ length: tries }, (_, index) => tries - index);
  const variable = `tries_${slot}`;
  return `function count_${slot} {
  if [ -z "$${variable}" ]; then return 0
${numbers.map((left) => `  elif [ "$${variable}" = ${left} ]; then set ${variable}=${left - 1}`).join("\n")}
  else return 1
  fi
  save_env ${variable}
}
`;
}

/**
 * What one slot starts.
 * @param release The folder below `grubFolder` that has its kernel and initrd
 * @param options Words of the kernel's command line; shell expressions will do
 */
export function slotConfig(release: string, options: readonly string[]): string {
  return `set release=${release}\nset options='${options.join(" ")}'\n`;
}
