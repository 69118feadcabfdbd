import os
import requests
import json

url = "https://ORGANIZATION_NAME.api.imply.io/v1/apikeys/730b0bd3-c770-4501-99f8-f3adff537051"

apikey = os.getenv("POLARIS_API_KEY")

payload = json.dumps({
"name": "Visualization API key",
"description": "Visualization demo key",
"redactedApiKey": "pok_bjSYK...nSUZ16",
"permissions": [
"ManageDashboards",
"ManageFiles",
"ManageApiKeys",
"ManageDataCubes",
"AccessVisualization"
]
})
headers = {
'Authorization': f'Basic {apikey}',
'Content-Type': 'application/json'
}

response = requests.request("PUT", url, headers=headers, data=payload)

print(response.text)
