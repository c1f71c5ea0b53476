/** Escapes control and invisible characters of a file's or member's name for a message, as JSON does. */
export function printable(name: string, longest = 200): string {
  const escaped = name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return escaped.length <= longest ? escaped : `${escaped.slice(0, longest)}…`;
}
