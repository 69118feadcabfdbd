import { Page } from '../parts/Page';
export function Services() { return <Page title="Services"><p>Soon.</p></Page>; }
