curl -X POST 'https://app.polyteia.com/api' \
    -header "Content-Type: application/json" \
    -header "Authorization: Bearer <your_access_token>" \ // your personal access key token
    --data '{
        "command": "create_dataset",
        "params": {
            "name": "Customers List",
            "solution_id": "sol_cv33u4n0i6q45p93i930",
            "description": "Customers list 4",
            "source": "https://example.com/dataset.csv",
            "slug": "customers_list"
        }
    }'
