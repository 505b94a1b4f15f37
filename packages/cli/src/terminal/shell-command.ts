/** The words after `./bench` as they can be given to a shell. */
export function shellCommand(words: readonly string[]): string {
  const quote = (word: string): string =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  return ["./bench", ...words.map(quote)].join(" ");
}
