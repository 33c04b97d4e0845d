package tencentcloud

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// Keys are the credentials that the simulator accepts from the start.
func Keys() simulator.Keys {
	return simulator.KeyForm{
		Cloud: Name, Lasting: "AKID-", Temporary: "AKID-", SecondAccount: SecondAccountID,
		Describe: []string{"cvm:Describe*"},
	}.Keys()
}

// DemoFleet implements simulator.Wire.
func (w *Wire) DemoFleet() []simulator.Instance {
	return []simulator.Instance{
		{ID: "ins-demoweb1", Name: "web-1", PublicIP: "203.0.113.11", Tags: map[string]string{"role": "web"}},
		{ID: "ins-demoweb2", Name: "web-2", ElasticIP: "203.0.113.12", Tags: map[string]string{"role": "web"}},
		{
			ID: "ins-demobatch", Name: "batch", Status: stopped, StoppedMode: stopCharging,
			Tags: map[string]string{"role": "batch"},
		},
		{ID: "ins-demoprepaid", Name: "database", ChargeType: prePaid, Tags: map[string]string{"role": "database"}},
		{ID: "ins-demolocal", Name: "cache", LocalDisk: true, Tags: map[string]string{"role": "cache"}},
		{ID: "ins-demospot", Name: "spot", Spot: true, ChargeType: spotPaid},
		{ID: "ins-demorescue", Name: "in-rescue-mode", Status: rescueMode},
		{ID: "ins-demoarrears", Name: "in-arrears", Status: shutdown, Arrears: true},
		{ID: "ins-demoshanghai", Name: "shanghai", Region: "ap-shanghai"},
	}
}

// Environment implements simulator.Wire.
func (w *Wire) Environment(string) []string {
	key := Keys().Lasting
	return []string{
		"TENCENTCLOUD_SECRET_ID=" + key.AccessKeyID,
		"TENCENTCLOUD_SECRET_KEY=" + key.Secret,
		"TENCENTCLOUD_REGION=" + w.cloud.Regions()[0],
	}
}
