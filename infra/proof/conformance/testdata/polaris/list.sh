curl --location --request GET 'https://ORGANIZATION_NAME.api.imply.io/v1/apikeys' \
--user ${POLARIS_API_KEY}: \
--header 'Content-Type: application/json' \
--data-raw ''
