import { useEffect, useRef } from 'preact/hooks';
import { Field } from './Field';
import { bytes, mostBytes } from '../rules/bytes';

interface Props {
  name: string;
  description: string;
  set: (change: { name?: string; description?: string }) => void;
  fault: (field: string) => string;
}

/** A name and a description, with a live count of what both may have together. */
export function NameFields({ name, description, set, fault }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => { input.current?.focus(); }, []);
  const used = bytes(name) + bytes(description);
  const over = used > mostBytes;
  return (
    <>
      <Field label="Name" fault={fault('name')}>
        <input ref={input} required autocomplete="off" value={name} dir="auto" onInput={(event) => set({ name: event.currentTarget.value })} />
      </Field>
      <Field label="Description (optional)" fault={over ? `Together they may have ${mostBytes} bytes; shorten one by ${used - mostBytes}.` : fault('description')}
        hint={`${used} of ${mostBytes} bytes, together with the name. A letter such as é has 2, an emoji 4 or more.`}>
        <input autocomplete="off" value={description} dir="auto" onInput={(event) => set({ description: event.currentTarget.value })} />
      </Field>
    </>
  );
}

/** Reports whether a name and its description are no longer than they may be. */
export const fitsNames = (name: string, description: string): boolean => bytes(name) + bytes(description) <= mostBytes;
