import { KeywardError } from '../api/client';
import { Failure, Notice } from './Notice';

interface Props {
  error: unknown;
  /** What the form changes, such as "this key". */
  what: string;
  /** Reads the current version, and keeps what was typed on top of it, or drops it. */
  reread: (keep: boolean) => void;
}

/** Says why a form was not saved; nothing if it was not refused. If somebody else
 * changed the same thing, it offers to keep what was typed. */
export function Refused({ error, what, reread }: Props) {
  if (error === undefined) return null;
  if (!(error instanceof KeywardError && error.status === 412)) return <Failure error={error} />;
  return (
    <div role="alert">
      <Notice tone="warn">
        <strong>Somebody else changed {what} since you began.</strong> Nothing of yours is saved yet.
        <div class="row"><button type="button" onClick={() => reread(true)}>Put my changes on top of theirs</button><button type="button" onClick={() => reread(false)}>Take theirs</button></div>
      </Notice>
    </div>
  );
}

/** Returns their version with the changes from before to after applied. */
export function onTop<T extends object>(theirs: T, before: T, after: T): T {
  const typed = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof T]));
  return { ...theirs, ...Object.fromEntries(typed) };
}
