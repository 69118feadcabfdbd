import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from './Dialog';
import { Field } from './Field';
import { Failure } from './Notice';
import { useSubmit } from './useSubmit';

interface Props {
  title: string;
  /** What the button says, and what it says meanwhile. */
  verb: string;
  busy: string;
  grave?: boolean;
  /** What must be typed first. */
  typed?: string;
  act: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}

/** Returns a name as one reads it: a page shows any space as one, and either spelling
 * of a letter with an accent the same. */
const plain = (name: string): string => name.normalize('NFC').trim().replace(/\s+/g, ' ');

/** A dialog that asks before something is done. */
export function Confirm({ title, verb, busy, grave, typed, act, onClose, children }: Props) {
  const [text, setText] = useState('');
  const submission = useSubmit();
  const ready = typed === undefined || plain(text) === plain(typed);
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); if (ready) void submission.run(act); }}>
        <div class="stack">{children}</div>
        {typed !== undefined && (
          <Field label="Type its name to confirm" hint={<>Its name is <bdi>{typed}</bdi></>}>
            <input autocomplete="off" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </Field>
        )}
        {submission.error !== undefined && <Failure error={submission.error} />}
        <div class="actions">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class={grave ? 'danger' : 'primary'} disabled={!ready || submission.busy}>{submission.busy ? busy : verb}</button>
        </div>
      </form>
    </Dialog>
  );
}
