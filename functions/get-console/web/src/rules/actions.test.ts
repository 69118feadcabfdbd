import { expect, test } from 'vitest';
import document from '../../../../../shared/apigw/openapi.json';
import { actionName, actions } from './actions';

test('the filter offers every action of the API', () => {
  const parameter = document.paths['/v1/audit-events'].get.parameters.find((one) => one.name === 'action');
  expect([...actions].sort()).toEqual([...parameter?.schema.enum ?? []].sort());
});

test('actions are said in words, those of later versions as well', () => {
  expect(actionName('apikey.create')).toBe('API key created');
  expect(actionName('apikey.new_thing')).toBe('API key new thing');
});
