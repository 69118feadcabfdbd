package operations

// RotatePepper is the name of the operation that an owner can have on a schedule.
const RotatePepper = "rotate-pepper"

// operators returns the operations that only an operator invokes.
func operators() []Operation {
	return []Operation{
		{
			Name: "bootstrap", Summary: "Create the first pepper, an organization, its owner and the first admin key",
			Environment: mintEnvironment,
			Access: []Access{
				items(KeyItems, PutItem),
				items(OrgItems, BatchGetItem, GetItem, PutItem, UpdateItem, CheckItem),
				items(APIItems, PutItem),
				items(PepperItems, Query, UpdateItem),
				items(DirectoryItems, Query, PutItem),
				listKeys, auditAppend, throughTableKey, on(PepperKey, GenerateDataKey, Decrypt),
			},
		},
		{
			Name: "suspend-organization", Summary: "Suspend an organization with all its keys and users, or end the suspension",
			Environment: readEnvironment,
			Access:      writer(items(OrgItems, BatchGetItem, PutItem, UpdateItem)),
		},
	}
}

// recurring returns the operations that a schedule can invoke.
func recurring() []Operation {
	return []Operation{
		{
			Name: "sweep", Summary: "Finish interrupted changes: delete the keys of deleted policies, withdraw permissions",
			Schedule:    "rate(5 minutes)",
			Environment: dropEnvironment,
			Access: []Access{
				items(KeyItems, BatchGetItem, PutItem, DeleteItem),
				items(OrgItems, BatchGetItem, Query, UpdateItem, DeleteItem, CheckItem),
				items(TaskItems, Query, DeleteItem),
				items(DueItems, Query, DeleteItem),
				listKeys, auditAppend, dropCopies, dropLastUses, throughTableKey,
			},
		},
		{
			Name: "send-notices", Summary: "Record which keys expire soon and which are not used, continuing where it stopped",
			Schedule:    "rate(360 minutes)",
			Environment: useEnvironment,
			Access: writer(
				items(KeyItems, CheckItem),
				items(OrgItems, BatchGetItem),
				items(DirectoryItems, Query),
				listKeys,
				Access{Resource: UsageTable, Partition: KeyItems, Actions: []string{BatchGetItem, PutItem}},
				// Not in the main table: nothing here puts items there, and so no role can.
				Access{Resource: UsageTable, Partition: RoundItems, Actions: []string{BatchGetItem, PutItem}},
			),
		},
		{
			// It decrypts no pepper, so it needs nothing but to make one.
			Name: RotatePepper, Summary: "Make a new version of the pepper, tell how many keys need which, or retire one",
			Long:        true,
			Environment: []string{EnvHomeRegion, EnvTable, EnvAuditTable, EnvPepperKey},
			Access: []Access{
				items(PepperItems, Query, UpdateItem),
				items(DirectoryItems, Query),
				listKeys, auditAppend, throughTableKey, on(PepperKey, GenerateDataKey),
			},
		},
	}
}

// consumers returns the operations that a table's stream invokes.
func consumers() []Operation {
	return []Operation{
		{
			Name: "publish-events", Summary: "Publish what the audit log records as events on the owner's bus",
			Stream:      AuditTable,
			Environment: []string{EnvEventBus},
			Access:      consumer(AuditTable, on(EventBus, PutEvents)),
		},
		{
			Name: "record-usage", Summary: "Bring the last uses of keys up to date with what authorizers counted",
			Stream:      UsageTable,
			Environment: useEnvironment,
			Access:      consumer(UsageTable, items(KeyItems, BatchGetItem, PutItem, CheckItem), items(PepperItems, Query, CheckItem), Access{Resource: UsageTable, Partition: KeyItems, Actions: []string{BatchGetItem, PutItem}}, auditAppend),
		},
	}
}
