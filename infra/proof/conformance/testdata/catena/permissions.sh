curl -i -X GET \
http://localhost:5000/api/v1/api_keys/permissions
