import { Badge } from '../parts/Badge';
import { Section } from '../parts/Section';
import { When } from '../parts/When';
import { type APIKey, overlap } from '../rules/keys';
import { span } from '../rules/time';

/** The secrets of a key that was rotated. */
export function Secrets({ of: key, onEnd }: { of: APIKey; onEnd?: (() => void) | undefined }) {
  if (!key.secrets) return null;
  const live = overlap(key);
  return (
    <Section title="Secrets" hint={live ? 'Two work at present.' : 'One works at present.'} actions={live && onEnd && <button type="button" onClick={onEnd}>End the previous secret</button>}>
      <div class="frame">
        <table class="cardly">
          <caption class="sr">Secrets of the key, the current one first</caption>
          <thead><tr><th scope="col">Secret</th><th scope="col">State</th><th scope="col">Created</th><th scope="col">Last used</th><th scope="col">Ends</th></tr></thead>
          <tbody>
            {key.secrets.map((secret, i) => (
              <tr key={secret.createdOn}>
                <td class="lead mono">{secret.redacted}</td>
                <td data-label="State">{i === 0 ? <Badge tone="good">Current</Badge> : secret === live ? <Badge tone="wait">Previous, still works</Badge> : <Badge tone="off">Ended</Badge>}</td>
                <td data-label="Created"><When at={secret.createdOn} /></td>
                <td data-label="Last used"><When at={secret.lastUsedOn} none="Not seen" />{secret.lastUsedFrom && <span class="second">{secret.lastUsedFrom}</span>}</td>
                <td data-label="Ends">
                  <When at={secret.endsOn} none="When the key is rotated" />
                  {secret === live && secret.overlapSeconds !== undefined && <span class="second">or {span(secret.overlapSeconds)} after the first use of the current one</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
