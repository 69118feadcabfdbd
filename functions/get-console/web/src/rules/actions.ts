// What the audit trail records, as people say it.

/** Every action that can be asked for. */
export const actions = [
  'apikey.create', 'apikey.update', 'apikey.delete', 'apikey.reveal', 'apikey.restore', 'apikey.purge', 'apikey.expose', 'apikey.retired_secret_used', 'apikey.rotate',
  'apikey.end_previous_secret', 'apikey.start_overlap', 'apikey.expiring', 'apikey.stale', 'policy.create', 'policy.update', 'policy.delete', 'policy.purge',
  'user.create', 'user.update', 'user.delete', 'service.put', 'service.delete', 'organization.create', 'organization.update', 'organization.suspend',
  'organization.resume', 'pepper.create', 'pepper.retire', 'permission.withdraw',
];

const things: Record<string, string> = { apikey: 'API key', policy: 'Policy', user: 'User', service: 'Service', organization: 'Organization', pepper: 'Pepper', permission: 'Permission' };

const verbs: Record<string, string> = {
  create: 'created', update: 'changed', delete: 'deleted', reveal: 'revealed', restore: 'restored', purge: 'permanently removed', expose: 'reported as leaked',
  retired_secret_used: 'used with an ended secret', rotate: 'rotated', end_previous_secret: 'previous secret ended', start_overlap: 'overlap began',
  put: 'registered', suspend: 'suspended', resume: 'resumed', withdraw: 'withdrawn', retire: 'retired',
  expiring: 'about to expire', stale: 'unused for long',
};

/** Returns an action as people say it. */
export function actionName(action: string): string {
  const [thing = '', verb = ''] = action.split('.');
  return `${things[thing] ?? thing} ${verbs[verb] ?? verb.replaceAll('_', ' ')}`;
}
