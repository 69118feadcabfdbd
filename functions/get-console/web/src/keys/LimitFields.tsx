import { Field } from '../parts/Field';
import { addressFaults } from '../rules/addresses';
import { day, daysFromNow, span } from '../rules/time';
import type { FieldsProps } from './GrantFields';

interface Props extends FieldsProps {
  /** The key's expiry, in a form that changes it. */
  kept?: { until: string | undefined };
}

/** When, from where and on what a key can be used. */
export function LimitFields({ draft, set, options, fault, kept }: Props) {
  const most = options.organization?.maxKeyLifetimeSeconds ?? 0;
  const fits = (days: number): boolean => most === 0 || days * 86_400 <= most;
  const services = [...new Set(options.catalogue?.flatMap((entry) => entry.service ?? []) ?? draft.services)];
  const typed = addressFaults(draft.addresses);
  return (
    <>
      <Field label="Expires" fault={fault('expiresOn')} hint={most > 0 ? `Your organization allows at most ${span(most)}.` : undefined}>
        <select value={draft.expiry} onChange={(event) => set({ expiry: event.currentTarget.value })}>
          {kept && <option value="keep">{kept.until ? `As before: ${day(new Date(kept.until))}` : 'As before: never'}</option>}
          {[7, 30, 60, 90].map((days) => <option key={days} value={String(days)} disabled={!fits(days)}>In {days} days, on {day(daysFromNow(days))}</option>)}
          <option value="date">On a day of your choice</option>
          <option value="never" disabled={most > 0}>Never</option>
        </select>
      </Field>
      {draft.expiry === 'date' && (
        <Field label="Last day" hint="The key works until the end of this day, where you are.">
          <input type="date" required value={draft.date} min={isoDay(new Date())} max={most > 0 ? isoDay(new Date(Date.now() + most * 1000)) : undefined} onInput={(event) => set({ date: event.currentTarget.value })} />
        </Field>
      )}
      <Field label="Addresses (optional)" fault={typed.join('; ') || fault('allowIps')} hint="One IP address or range a line, such as 192.0.2.0/24. Empty: the key works from everywhere.">
        <textarea rows={2} spellcheck={false} class="mono" value={draft.addresses} onInput={(event) => set({ addresses: event.currentTarget.value })} />
      </Field>
      {services.length > 0 && (
        <fieldset class="field">
          <legend>Services (optional)</legend>
          <span class="hint">Choose none for all. A key with services cannot call Keyward’s own API.</span>
          <div class="choices">
            {services.map((service) => (
              <label key={service} class="choice">
                <input type="checkbox" checked={draft.services.includes(service)} onChange={(event) => set({ services: event.currentTarget.checked ? [...draft.services, service] : draft.services.filter((one) => one !== service) })} />
                <span>{service}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
    </>
  );
}

const isoDay = (time: Date): string => `${time.getFullYear()}-${String(time.getMonth() + 1).padStart(2, '0')}-${String(time.getDate()).padStart(2, '0')}`;
