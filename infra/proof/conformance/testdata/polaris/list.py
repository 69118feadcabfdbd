import os
import requests

url = "https://ORGANIZATION_NAME.api.imply.io/v1/apikeys"

apikey = os.getenv("POLARIS_API_KEY")

payload = ""
headers = {
'Authorization': f'Basic {apikey}',
'Content-Type': 'application/json'
}

response = requests.request("GET", url, headers=headers, data=payload)

print(response.text)
