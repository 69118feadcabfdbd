import { useId, useState } from 'preact/hooks';
import type { Schemas } from '../api/schema';
import { holds } from '../session';

type Entry = Schemas['CatalogueEntry'];

interface Props {
  label: string;
  catalogue: Entry[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
  fault?: string | undefined;
}

/** Permissions to choose from, by service. Those that the caller lacks are there,
 * and cannot be added: nobody grants what they do not hold. */
export function PermissionPicker({ label, catalogue, chosen, onChange, fault }: Props) {
  const [text, setText] = useState('');
  const id = useId();
  const wanted = text.trim().toLowerCase();
  const fitting = catalogue.filter((entry) => wanted === '' || `${entry.name} ${entry.description}`.toLowerCase().includes(wanted));
  const groups = Object.entries(Object.groupBy(fitting, (entry) => entry.service ?? ''));
  const toggle = (name: string): void => onChange(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <fieldset class="field" aria-describedby={fault ? `${id}-fault` : undefined}>
      <legend>{label}</legend>
      <input type="search" aria-label="Search permissions" placeholder="Search permissions" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <div class="picker" tabIndex={0} role="group" aria-label={label}>
        {groups.map(([service, entries]) => (
          <div key={service}>
            <h3>{service || 'Keyward'}</h3>
            <div class="choices">{entries?.map((entry) => <Choice key={entry.name} entry={entry} on={chosen.includes(entry.name)} toggle={toggle} />)}</div>
          </div>
        ))}
        {fitting.length === 0 && <p class="soft">No permission matches.</p>}
      </div>
      <span class="hint" role="status">{chosen.length === 1 ? '1 chosen' : `${chosen.length} chosen`}</span>
      {fault && <span class="fault" id={`${id}-fault`} role="alert">{fault}</span>}
    </fieldset>
  );
}

function Choice({ entry, on, toggle }: { entry: Entry; on: boolean; toggle: (name: string) => void }) {
  const lacking = !holds(entry.name);
  return (
    <label class={lacking ? 'choice off' : 'choice'}>
      <input type="checkbox" checked={on} disabled={lacking && !on} onChange={() => toggle(entry.name)} />
      <span>
        <code>{entry.name}</code>
        {entry.description && <span class="small soft"> {entry.description}</span>}
        {lacking && <span class="small"> — you do not hold it, so you cannot grant it</span>}
      </span>
    </label>
  );
}
