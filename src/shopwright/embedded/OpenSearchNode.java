import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch on the ports it is told: FOLDER HTTP TRANSPORT. The runner's own main only finds ports from 9200 to 9299. */
class OpenSearchNode {
    public static void main(String[] arguments) throws Exception {
        int http = Integer.parseInt(arguments[1]);
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.setMaxHttpPort(-1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                runner.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
        }));
        runner.onBuild((index, settings) -> {
            settings.put("http.port", http);
            settings.put("transport.port", Integer.parseInt(arguments[2]));
            settings.put("network.host", "127.0.0.1");
            // A developer's full disk is no reason to make the index read-only.
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
        runner.build(OpenSearchRunner.newConfigs().basePath(arguments[0]).numOfNode(1).clusterName("shopwright"));
        Thread.currentThread().join();
    }
}
