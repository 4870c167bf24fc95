/** `0.4 s`, `12 s`, `2 min 05 s`, `1 h 02 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** A rough figure for an estimate: `40 s`, `6 min`, `1 h 10 min`. Never finer than what is known. */
export function formatAbout(seconds: number): string {
  if (seconds < 60) return `${Math.max(5, Math.ceil(seconds / 5) * 5)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** Decimal units, three significant digits: `812 B`, `4.21 kB`, `148 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `12.3 MB of 148 MB`, or only what came where the size is not known (0). */
export function formatTransfer(received: number, bytes: number): string {
  return bytes > 0 ? `${formatBytes(received)} of ${formatBytes(bytes)}` : formatBytes(received);
}

/** `zlib, xz and 45 more`: a list that may be long, for a sentence. */
export function formatNames(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(", ");
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");
