import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './Icon';

interface Props {
  title: string;
  /** Someone wants to close it: by the X, Esc or a click outside. */
  onClose: () => void;
  /** Hides the page behind it. */
  opaque?: boolean;
  /** There is no way to close it. */
  kept?: boolean;
  children: ComponentChildren;
}

/** A modal dialog. It decides nothing about closing: its owner stops showing it.
 * The browser returns the focus to where it was. */
export function Dialog({ title, onClose, opaque, kept, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog?.showModal();
    // The browser would choose the X.
    dialog?.querySelector<HTMLElement>('.body :is(input, select, textarea, button)')?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const ask = (): void => { if (!kept) onClose(); };
  return (
    <dialog
      ref={box} aria-labelledby={id} class={opaque ? 'opaque' : undefined}
      onCancel={(event) => { if (event.target === box.current) { event.preventDefault(); ask(); } }}
      onKeyDown={(event) => { if (event.key === 'Escape') { event.preventDefault(); ask(); } }}
      // A browser can close it all the same, after Esc was pressed twice.
      onClose={(event) => { if (event.target === box.current && box.current?.isConnected) { box.current.showModal(); ask(); } }}
      onMouseDown={(event) => { if (event.target === box.current) ask(); }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {!kept && <button type="button" class="quiet icon" aria-label="Close" onClick={ask}><Icon name="close" /></button>}
      </header>
      <div class="body">{children}</div>
    </dialog>
  );
}
