import { Page } from '../parts/Page';
export function Key() { return <Page title="Key"><p>Soon.</p></Page>; }
