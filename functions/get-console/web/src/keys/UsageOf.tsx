import { useState } from 'preact/hooks';
import { read } from '../api/client';
import type { Schemas } from '../api/schema';
import { Chart } from '../parts/Chart';
import { Failure, Waiting } from '../parts/Notice';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';

type Usage = Schemas['Usage'];

/** What a key was used for, by day, permission and refusal. */
export function UsageOf({ id }: { id: string }) {
  const [days, setDays] = useState(30);
  const from = startOf(days);
  const usage = useAnswer((signal) => read<Usage>(`/v1/apikeys/${id}/usage`, { by: 'day', from }, signal), [id, from]);
  return (
    <Section title="Usage" hint="Days are those of UTC. The last five minutes may be missing." actions={
      <select aria-label="Period" style={{ width: 'auto' }} value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>
        <option value="7">7 days</option><option value="30">30 days</option><option value="90">90 days</option>
      </select>
    }>
      <div class="card stack">
        {usage.error !== undefined && <Failure error={usage.error} onRetry={usage.reload} />}
        {!usage.value && usage.error === undefined && <Waiting />}
        {usage.value && <Shown usage={usage.value} from={from} days={days} />}
      </div>
    </Section>
  );
}

function startOf(days: number): string {
  const today = Math.floor(Date.now() / 86_400_000);
  return new Date((today - days + 1) * 86_400_000).toISOString();
}

function Shown({ usage, from, days }: { usage: Usage; from: string; days: number }) {
  const columns = Array.from({ length: days }, (_, i) => {
    const start = new Date(Date.parse(from) + i * 86_400_000).toISOString().slice(0, 10);
    const row = usage.items.find((one) => one.start.startsWith(start));
    return { label: start, allowed: row?.allowed ?? 0, refused: row?.refused ?? 0 };
  });
  const permissions = totals(usage, (row) => row.permissions), refusals = totals(usage, (row) => row.refusals);
  if (usage.items.length === 0) return <p class="soft">It was not used in this time.</p>;
  return (
    <>
      <Chart columns={columns} />
      <div class="cards">
        <Totals title="Allowed, by permission" of={permissions} blank="Routes that need no permission" none="None" />
        <Totals title="Refused, by reason" of={refusals} blank="Unknown" none="None" />
      </div>
    </>
  );
}

function totals(usage: Usage, of: (row: Usage['items'][number]) => { name: string; requests: number }[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const { name, requests } of usage.items.flatMap(of)) sums.set(name, (sums.get(name) ?? 0) + requests);
  return [...sums].sort((a, b) => b[1] - a[1]);
}

function Totals({ title, of, blank, none }: { title: string; of: [string, number][]; blank: string; none: string }) {
  return (
    <div class="tight">
      <h3>{title}</h3>
      {of.length === 0 ? <p class="soft">{none}</p> : <dl class="totals">{of.map(([name, n]) => <div key={name} class="spread"><dt>{name ? <code>{name}</code> : blank}</dt><dd>{n.toLocaleString('en')}</dd></div>)}</dl>}
    </div>
  );
}
