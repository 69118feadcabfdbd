import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './Icon';

interface Props {
  title: string;
  /** Someone wants to close it: by the X, Esc or a click outside. */
  onClose: () => void;
  /** Hides the page behind it. */
  opaque?: boolean;
  /** There is no way to close it. */
  kept?: boolean;
  /** It holds a form: closing it from outside asks first, once one typed in it. */
  form?: boolean;
  children: ComponentChildren;
}

/** What had the focus before a dialog opened. */
const openers = new WeakMap<Element, Element | null>();

/** Returns what gets the focus after a dialog. If that was within another dialog
 * that has closed meanwhile, it is what gets the focus after that one. */
function opener(dialog: Element): HTMLElement | undefined {
  const before = openers.get(dialog);
  if (!(before instanceof HTMLElement)) return undefined;
  if (before.isConnected) return before;
  const other = before.closest('dialog');
  return other ? opener(other) : undefined;
}

/** A modal dialog. It decides nothing about closing: its owner stops showing it.
 * The browser returns the focus to where it was. */
export function Dialog({ title, onClose, opaque, kept, form, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const typed = useRef(false);
  const [asking, setAsking] = useState(false);
  const id = useId();
  // An effect would be taken back only after a frame in which nothing has the focus.
  useLayoutEffect(() => {
    const dialog = box.current;
    if (!dialog) return;
    // A button that is disabled while it works has lost the focus.
    const lost = document.activeElement === document.body;
    openers.set(dialog, lost ? [...document.querySelectorAll('dialog[open]')].at(-1) ?? null : document.activeElement);
    dialog.showModal();
    // The browser would choose the X.
    dialog.querySelector<HTMLElement>('.body :is(input, select, textarea, button)')?.focus();
    return () => {
      dialog.close();
      opener(dialog)?.focus();
    };
  }, []);
  const ask = (): void => {
    if (form && typed.current) setAsking(true);
    else if (!kept) onClose();
  };
  return (
    <dialog
      ref={box} aria-labelledby={id} class={opaque ? 'opaque' : undefined}
      onCancel={(event) => { if (event.target === box.current) { event.preventDefault(); ask(); } }}
      onKeyDown={(event) => { if (event.key === 'Escape' && !event.isComposing) { event.preventDefault(); ask(); } }}
      onInput={() => { typed.current = true; }}
      // A browser can close it all the same, after Esc was pressed twice.
      onClose={(event) => { if (event.target === box.current && box.current?.isConnected) { box.current.showModal(); ask(); } }}
      onMouseDown={(event) => { if (box.current && event.target === box.current && outside(event, box.current)) ask(); }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {!kept && <button type="button" class="quiet icon" aria-label="Close" onClick={ask}><Icon name="close" /></button>}
      </header>
      <div class="body">
        {asking && <Question onKeep={() => setAsking(false)} onDiscard={onClose} />}
        {children}
      </div>
    </dialog>
  );
}

/** Asks whether what was typed is to be lost. It comes into view with the focus, and
 * gives the focus back. */
function Question({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) {
  const keep = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    keep.current?.focus();
    return () => { if (before instanceof HTMLElement) before.focus(); };
  }, []);
  return (
    <div class="notice warn row" role="alert">
      <div><strong>Discard what you typed?</strong></div>
      <button ref={keep} type="button" onClick={onKeep}>Keep it</button><button type="button" onClick={onDiscard}>Discard</button>
    </div>
  );
}

/** Reports whether a press is beside a box, and not on its border or scroll bar. */
function outside(press: MouseEvent, box: Element): boolean {
  const { left, right, top, bottom } = box.getBoundingClientRect();
  return press.clientX < left || press.clientX > right || press.clientY < top || press.clientY > bottom;
}
