import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  title: string;
  /** Stands beside the title. */
  actions?: ComponentChildren;
  intro?: ComponentChildren;
  children: ComponentChildren;
}

let first = true;

/** A page: its title names the tab, and takes the focus when one goes there. */
export function Page({ title, actions, intro, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { document.title = `${title} · Keyward`; }, [title]);
  useEffect(() => {
    if (!first && !document.querySelector('dialog[open]')) heading.current?.focus({ preventScroll: true });
    first = false;
  }, []);
  return (
    <div class="stack">
      <div class="spread">
        <h1 ref={heading} tabIndex={-1}><span class="name">{title}</span></h1>
        {actions && <div class="row">{actions}</div>}
      </div>
      {intro && <p class="soft">{intro}</p>}
      {children}
    </div>
  );
}
