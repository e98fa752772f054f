// Signs requests by AWS's own signer: an array of them as JSON on standard input, their Authorization headers on standard output.
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '@aws-crypto/sha256-js';

let input = '';
for await (const chunk of process.stdin) input += chunk;
const signed = [];
for (const request of JSON.parse(input)) {
  const signer = new SignatureV4({
    service: request.service,
    region: request.region,
    credentials: { accessKeyId: request.accessKey, secretAccessKey: request.secretKey, sessionToken: request.token ?? undefined },
    sha256: Sha256,
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: request.headers.Host,
      path: request.path,
      query: Object.fromEntries(new URLSearchParams(request.query)),
      headers: request.headers,
      body: request.body,
    },
    { signingDate: new Date(request.time) },
  );
  signed.push(headers.authorization);
}
process.stdout.write(JSON.stringify(signed));
