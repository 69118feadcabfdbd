curl --location --request POST 'https://ORGANIZATION_NAME.api.imply.io/v1/apikeys' \
--user ${POLARIS_API_KEY}: \
--header 'Content-Type: application/json' \
--data-raw '{
"name":"New API key",
"description":"New demo key",
"permissions": [
"AdministerQueries",
"ManageApiKeys",
"ManageDashboards",
"AccessQueries",
"ManageDataCubes",
"AccessVisualization",
"ManageTables",
"ManageFiles",
"ManageIngestionJobs",
"ManageTables"
]
}'
