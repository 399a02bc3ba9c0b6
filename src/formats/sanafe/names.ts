/** SANA-FE gives dots, brackets and arrows a meaning: only letters, digits, "_" and "-" are kept. */
export function plainName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]+/g, "_").replace(/^$/, "_");
}

/** One name for each, unlike all others, that YAML cannot take for anything but text. */
export function groupNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = plainName(name).replace(/^(?![A-Za-z])/, "p");
    let unique = plain;
    for (let n = 2; taken.has(unique); n++) unique = `${plain}_${n}`;
    taken.add(unique);
    return unique;
  });
}
