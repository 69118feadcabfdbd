package demo

import "github.com/keyward/keyward/shared/dialect/canonical"

// Catalogue is what the demo service declares: the permissions of the Polaris
// document except Keyward's own two, which always exist, and the scopes of the
// Supermetrics document.
var Catalogue = []canonical.Permission{
	{Name: "AdministerAlerts", Description: "Create, change and delete all alerts"},
	{Name: "AdministerBilling", Description: "See and change billing"},
	{Name: "AdministerClients", Description: "Manage client applications"},
	{Name: "AdministerDashboards", Description: "Change and delete everyone's dashboards"},
	{Name: "AdministerDataCubes", Description: "Change and delete everyone's data cubes"},
	{Name: "AdministerProjects", Description: "Change and delete all projects"},
	{Name: "AdministerQueries", Description: "See and cancel everyone's queries"},
	{Name: "AdministerScaling", Description: "Change the size of projects"},
	{Name: "ManageAlertsWebhooks", Description: "Set where alerts are sent"},
	{Name: "ManageConnections", Description: "Create and change connections to sources of data"},
	{Name: "ManageDashboards", Description: "Create and change one's dashboards"},
	{Name: "ManageDataCubes", Description: "Create and change one's data cubes"},
	{Name: "ManageFiles", Description: "Upload and delete files"},
	{Name: "ManageIngestionJobs", Description: "Start and stop jobs that load data"},
	{Name: "ManageProjects", Description: "Create and change projects"},
	{Name: "ManageReports", Description: "Create and change scheduled reports"},
	{Name: "ManageTables", Description: "Create, change and delete tables"},
	{Name: "AccessAlerts", Description: "See alerts and make one's own"},
	{Name: "AccessDownloadData", Description: "Download the rows of a result"},
	{Name: "AccessDownloadLargeData", Description: "Download results of any size"},
	{Name: "AccessMetrics", Description: "See how the service performs"},
	{Name: "AccessQueries", Description: "Run queries"},
	{Name: "AccessQueryRawData", Description: "Run queries on rows that are not aggregated"},
	{Name: "AccessScaling", Description: "See the size of projects"},
	{Name: "AccessVisualization", Description: "See dashboards and data cubes"},
	{Name: "ViewTables", Description: "See tables and their columns"},

	{Name: "ds_accounts_read", Description: "See the accounts of sources of data"},
	{Name: "ds_login_links_read", Description: "See links by which to log in to sources"},
	{Name: "ds_login_links_write", Description: "Make and change such links"},
	{Name: "ds_logins_read", Description: "See the logins at sources"},
	{Name: "ds_queries_read", Description: "See saved queries"},
	{Name: "ds_queries_run", Description: "Run new queries"},
	{Name: "table_groups_read", Description: "See groups of tables"},
	{Name: "table_groups_write", Description: "Make, change and delete groups of tables"},
	{Name: "team_lists_read", Description: "See the team's lists"},
	{Name: "team_lists_write", Description: "Make, change and delete the team's lists"},
	{Name: "team_settings_read", Description: "See the team's settings"},
	{Name: "team_settings_write", Description: "Change the team's settings"},
}
