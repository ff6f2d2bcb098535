/** As much of Markdown as the tests of the documentation need. */

/** The text with fenced code blocks emptied, so that line numbers stay. */
export function withoutCodeBlocks(text: string): string {
  let isCode = false;
  return text
    .split('\n')
    .map((line) => {
      if (!/^\s*(```|~~~)/.test(line)) return isCode ? '' : line;
      isCode = !isCode;
      return '';
    })
    .join('\n');
}

/** The lines of all fenced code blocks. */
export function codeBlockLines(text: string): string[] {
  let isCode = false;
  return text.split('\n').filter((line) => {
    if (!/^\s*(```|~~~)/.test(line)) return isCode;
    isCode = !isCode;
    return false;
  });
}

/** What stands in single backticks, outside code blocks. */
export function codeSpans(text: string): string[] {
  return [...withoutCodeBlocks(text).matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code]) => code!);
}

/** The targets of links and images: `[text](target)` and `[name]: target`. */
export function linkTargets(text: string): string[] {
  const prose = withoutCodeBlocks(text).replaceAll(/(?<!`)`[^`\n]+`(?!`)/g, '');
  const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)];
  const named = [...prose.matchAll(/^\s*\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+"[^"]*")?$/gm)];
  return [...inline, ...named].map(([, target]) => target!);
}

/** The fragments that headings answer to, made as GitHub makes them. */
export function anchors(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of withoutCodeBlocks(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let unique = slug;
    for (let n = 1; found.has(unique); n++) unique = `${slug}-${n}`;
    found.add(unique);
  }
  for (const [, id] of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) found.add(id!);
  return found;
}
