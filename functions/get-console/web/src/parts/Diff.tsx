import { useState } from 'preact/hooks';
import { exact } from '../rules/time';
import type { AuditEvent } from './History';

interface Line {
  field: string;
  from?: string | undefined;
  to?: string | undefined;
}

/** Returns what an event changed, a line a field. */
export function linesOf(event: AuditEvent): Line[] {
  const lines: Line[] = [];
  const texts = new Set([...Object.keys(event.before ?? {}), ...Object.keys(event.after ?? {})]);
  for (const field of texts) {
    const from = event.before?.[field], to = event.after?.[field];
    if (from !== to) lines.push({ field, from, to });
  }
  const lists = new Set([...Object.keys(event.removed ?? {}), ...Object.keys(event.added ?? {})]);
  for (const field of lists) lines.push({ field, from: event.removed?.[field], to: event.added?.[field] });
  return lines.sort((a, b) => a.field.localeCompare(b.field));
}

/** What an event changed: what was is marked as deleted, what is as inserted, in
 * words for whoever does not see it. */
export function Diff({ event }: { event: AuditEvent }) {
  const lines = linesOf(event);
  if (lines.length === 0) return <span class="soft small">No details</span>;
  const shown = lines.slice(0, 6), rest = lines.slice(6);
  return (
    <div class="diff">
      {shown.map((line) => <DiffLine key={line.field} line={line} />)}
      {rest.length > 0 && <details><summary>{rest.length} more</summary>{rest.map((line) => <DiffLine key={line.field} line={line} />)}</details>}
    </div>
  );
}

function DiffLine({ line }: { line: Line }) {
  return (
    <div>
      <span class="soft">{line.field}</span>{' '}
      {line.from !== undefined && line.from !== '' && <del><span class="sr">removed: </span>− <Value text={line.from} /></del>}{' '}
      {line.to !== undefined && line.to !== '' && <ins><span class="sr">now: </span>+ <Value text={line.to} /></ins>}
    </div>
  );
}

const most = 160;

const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** Returns a value as people read it: a time is that of the reader's zone. */
export const readable = (text: string): string => (time.test(text) ? exact(new Date(text)) : text
  .replace(/,(?=\S)/g, ', ')
  .replaceAll(' or 0s after its successor is used', ' or at the first use of the new secret')
  .replace(/ or (\w+) after its successor is used/g, ' or $1 after the first use of the new secret'));

/** A value; of a long one the beginning, and the rest on demand. */
function Value({ text: recorded }: { text: string }) {
  const text = readable(recorded);
  const [whole, setWhole] = useState(false);
  if (text.length <= most) return <bdi>{text}</bdi>;
  return <><bdi>{whole ? text : `${text.slice(0, most)}…`}</bdi> <button type="button" class="link small" aria-expanded={whole} onClick={() => setWhole(!whole)}>{whole ? 'Less' : 'All of it'}</button></>;
}
