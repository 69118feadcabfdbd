// Decides for NGINX's auth_request whether a request's key can be used and holds
// the permission in $keyward_permission. See ../README.md.

import crypto from 'crypto';

// The key of a request, or '' if there is none, or more than one.
function key(r) {
    const sent = r.rawHeadersIn.filter((header) => header[0].toLowerCase() === 'authorization');
    const found = sent.length === 1 && /^bearer +(\S+)$/i.exec(sent[0][1]);
    return found ? found[1] : '';
}

// The form that asks Keyward.
function form(r) {
    const members = {token: key(r), service: r.variables.keyward_service, source: r.remoteAddress};
    return Object.keys(members).filter((name) => members[name])
        .map((name) => `${name}=${encodeURIComponent(members[name])}`).join('&');
}

// The name under which NGINX caches the answer: a digest, so that no key gets into
// a file of the cache.
function digest(r) {
    return crypto.createHash('sha256').update(form(r)).digest('hex');
}

function refuse(r, status, challenge) {
    if (challenge) {
        r.headersOut['Keyward-Challenge'] = challenge; // auth_request passes no WWW-Authenticate on from here
    }
    r.return(status);
}

async function check(r) {
    if (!key(r)) {
        return refuse(r, 401, 'Bearer');
    }
    const reply = await r.subrequest('/_keyward_introspect', {method: 'POST', body: form(r)});
    let about = {};
    try {
        about = JSON.parse(reply.responseText) || {};
    } catch (e) {
        // typeof about.active below refuses it
    }
    if (reply.status !== 200 || typeof about.active !== 'boolean') {
        r.error(`keyward: introspection answered ${reply.status}`); // never the answer, never the key
        return refuse(r, 503);
    }
    if (!about.active || about.exp <= Date.now() / 1000) {
        return refuse(r, 401, 'Bearer error="invalid_token"');
    }
    const needed = r.variables.keyward_permission;
    if (needed && !(about.scope || '').split(' ').includes(needed)) {
        return refuse(r, 403, `Bearer error="insufficient_scope", scope="${needed}"`);
    }
    r.headersOut['Keyward-Key-Id'] = about.client_id;
    r.headersOut['Keyward-Subject'] = about.sub;
    r.return(204);
}

export default {check, digest};
