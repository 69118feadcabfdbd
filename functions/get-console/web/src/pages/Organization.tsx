import { Page } from '../parts/Page';
export function Organization() { return <Page title="Organization"><p>Soon.</p></Page>; }
