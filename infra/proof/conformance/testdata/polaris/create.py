import os
import requests
import json

url = "https://ORGANIZATION_NAME.api.imply.io/v1/apikeys"

apikey = os.getenv("POLARIS_API_KEY")

payload = json.dumps({
"name": "New API key",
"description": "New demo key",
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
})
headers = {
'Authorization': f'Basic {apikey}',
'Content-Type': 'application/json'
}

response = requests.request("POST", url, headers=headers, data=payload)

print(response.text)
