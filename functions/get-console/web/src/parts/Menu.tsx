import { useId, useRef, useState } from 'preact/hooks';
import { Icon } from './Icon';

export interface Choice {
  label: string;
  /** Something that cannot be taken back. */
  grave?: boolean;
  act: () => void;
}

/** A button that opens a menu, with the arrow keys, Home, End and Esc. */
export function Menu({ label, choices }: { label: string; choices: Choice[] }) {
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const id = useId();
  const items = (): HTMLButtonElement[] => [...list.current?.querySelectorAll('button') ?? []];
  const place = (): void => {
    const at = button.current?.getBoundingClientRect();
    const menu = list.current;
    if (!at || !menu) return;
    const below = at.bottom + menu.offsetHeight + 8 < innerHeight;
    menu.style.top = `${Math.max(4, below ? at.bottom + 4 : at.top - menu.offsetHeight - 4)}px`;
    menu.style.left = `${Math.max(8, at.right - menu.offsetWidth)}px`;
    items()[0]?.focus();
  };
  const move = (event: KeyboardEvent): void => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Tab') list.current?.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    all[next % all.length]?.focus();
  };
  return (
    <>
      <button ref={button} type="button" class="quiet icon" aria-label={label} aria-haspopup="menu" aria-expanded={open} popovertarget={id}><Icon name="more" /></button>
      <div
        ref={list} id={id} popover="auto" role="menu" aria-label={label} class="menu" onKeyDown={move}
        // Its choices are there only while it is open: a long list has many menus.
        onBeforeToggle={(event) => setOpen((event as ToggleEvent).newState === 'open')}
        onToggle={(event) => { if ((event as ToggleEvent).newState === 'open') place(); }}
      >
        {open && choices.map((choice) => (
          <button key={choice.label} type="button" role="menuitem" tabIndex={-1} class={choice.grave ? 'quiet bad' : 'quiet'}
            onClick={() => { list.current?.hidePopover(); button.current?.focus(); choice.act(); }}>{choice.label}</button>
        ))}
      </div>
    </>
  );
}
