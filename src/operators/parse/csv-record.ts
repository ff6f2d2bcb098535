/** One CSV record, RFC 4180, as a list of texts. @module */

/** A field: its text, and whether it stood in quotes, so that it is not null. */
export interface CsvField {
  readonly text: string;
  readonly isQuoted: boolean;
}

/**
 * The fields of a record; a line end behind it is passed over.
 *
 * @returns what is wrong, if it is no record
 */
export function splitRecord(record: string, delimiter: string): CsvField[] | string {
  const fields: CsvField[] = [];
  const line = record.replace(/\r?\n$/, '');
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      const end = closingQuote(line, at + 1);
      if (end < 0) return `a quote that begins at character ${at + 1} is not closed`;
      fields.push({ text: line.slice(at + 1, end).replaceAll('""', '"'), isQuoted: true });
      at = end + 1;
      if (at < line.length && line[at] !== delimiter) {
        return `expected ${JSON.stringify(delimiter)} behind the quote at character ${at}`;
      }
    } else {
      const end = line.indexOf(delimiter, at);
      fields.push({ text: line.slice(at, end < 0 ? line.length : end), isQuoted: false });
      at = end < 0 ? line.length : end;
    }
    if (at >= line.length) return fields;
    at += delimiter.length;
    if (at === line.length) return [...fields, { text: '', isQuoted: false }];
  }
}

/** The quote that ends a field: the first that is not doubled. */
function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) {
    if (line[at + 1] !== '"') return at;
  }
  return -1;
}
