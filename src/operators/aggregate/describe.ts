/** What `explain` says of an aggregate. @module */

import type { AggregateOperator } from '../../core/topology/model.ts';

/** What `explain` says beside the kind. */
export function describe(node: AggregateOperator, isTimed: boolean): string | undefined {
  const { window, rowWindow } = node;
  if (rowWindow !== undefined) return `windows of rows: ${rowWindow.kind}`;
  const kind = window?.kind === 'session' ? `sessions, ${window.gapUs / 1e6} s apart` : undefined;
  const latenessUs = window?.latenessUs ?? 0;
  const late = latenessUs > 0 ? `revised for ${latenessUs / 1e6} s` : undefined;
  const parts = [kind, isTimed ? 'by processing time' : undefined, describeEmit(node), late];
  const note = parts.filter((part) => part !== undefined).join(', ');
  return note === '' ? undefined : note;
}

/** What `explain` says of when results come. */
function describeEmit({ emit }: AggregateOperator): string | undefined {
  switch (emit.kind) {
    case 'end':
      return undefined;
    case 'every':
      return `every ${emit.everyUs / 1e6} s`;
    case 'each':
      return 'each row';
    case 'change':
      return 'changes';
  }
}
