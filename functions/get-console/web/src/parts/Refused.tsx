import { KeywardError } from '../api/client';
import { Failure, Notice } from './Notice';

interface Props {
  error: unknown;
  /** What the form changes, such as "this key". */
  what: string;
  /** Goes on from what is there now: with what was typed on top of it, or without. */
  reread: (keep: boolean) => void;
}

/** Says why a form was not saved; nothing if it was not refused. If somebody else was
 * faster, nothing that was typed is lost. */
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

/** Returns theirs with what was changed from before to after. */
export function onTop<T extends object>(theirs: T, before: T, after: T): T {
  const typed = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof T]));
  return { ...theirs, ...Object.fromEntries(typed) };
}
