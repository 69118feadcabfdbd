import { useEffect, useRef, useState } from 'preact/hooks';
import { Field } from '../parts/Field';
import { type Show, shows, type View } from './view';

/** What narrows the list of keys. */
export function Filters({ view, show }: { view: View; show: (change: Partial<View>) => void }) {
  const [text, setText] = useState(view.q);
  const timer = useRef(0);
  useEffect(() => { setText(view.q); }, [view.q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (q: string): void => {
    setText(q);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => show({ q }), 300);
  };
  return (
    <form class="bar" role="search" onSubmit={(event) => { event.preventDefault(); clearTimeout(timer.current); show({ q: text }); }}>
      <Field label="Search by name" wide><input type="search" value={text} onInput={(event) => search(event.currentTarget.value)} /></Field>
      <Field label="Show">
        <select value={view.show} onChange={(event) => show({ show: event.currentTarget.value as Show })}>
          {Object.entries(shows).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
        </select>
      </Field>
      {view.policy && <button type="button" onClick={() => show({ policy: '' })}>Of one policy: show all</button>}
      {view.user && <button type="button" onClick={() => show({ user: '' })}>Of one user: show all</button>}
      {view.service && <button type="button" onClick={() => show({ service: '' })}>For {view.service}: show all</button>}
    </form>
  );
}
