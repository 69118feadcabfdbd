curl --location --request DELETE 'https://ORGANIZATION_NAME.api.imply.io/v1/apikeys/730b0bd3-c770-4501-99f8-f3adff537051' \
--user ${POLARIS_API_KEY}: \
--header 'Content-Type: application/json' \
