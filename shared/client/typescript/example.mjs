import express from 'express';
import { Guard, protect } from '@keyward/client/express';

const { KEYWARD_URL, KEYWARD_API_KEY, PORT } = process.env; // the key needs VerifyApiKeys
const guard = new Guard({ url: KEYWARD_URL, key: KEYWARD_API_KEY });
const app = express();
app.get('/tables', protect(guard, { permission: 'ViewTables' }), (request, response) => {
  response.json({ caller: request.keyward.keyId });
});
app.listen(PORT, '127.0.0.1');
