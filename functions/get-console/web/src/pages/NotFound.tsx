import { to } from '../base';
import { Empty } from '../parts/Notice';
import { Page } from '../parts/Page';

export function NotFound() {
  return <Page title="There is no such page"><Empty title="The address may be wrong"><a href={to('keys')}>Go to the API keys</a></Empty></Page>;
}
