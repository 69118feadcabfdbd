import { Page } from '../parts/Page';
export function Service() { return <Page title="Service"><p>Soon.</p></Page>; }
