package org.processpool.rest;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.jboss.jandex.IndexView;

/**
 * Completes the OpenAPI document while the service is built, so that a resource only has to say
 * what is its own: the names of operations, the problems every operation can answer with, headers,
 * which members are always there and which can be null, and examples.
 */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public class ApiDocument implements OASFilter {

    private final DocumentedRecords records;

    public ApiDocument(IndexView index) {
        records = new DocumentedRecords(index);
    }

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getComponents() == null) {
            document.setComponents(OASFactory.createComponents());
        }
        var names = new OperationNames(document.getPaths().getPathItems().keySet());
        var headers = new DocumentedHeaders(document.getComponents());
        var problems = new DocumentedProblems(document.getComponents());
        document.getPaths()
                .getPathItems()
                .forEach((path, item) ->
                        item.getOperations()
                                .forEach((method, operation) -> {
                                    if (operation.getOperationId() == null) {
                                        operation.setOperationId(names.of(method.name(), path));
                                    }
                                    headers.describe(operation);
                                    problems.describe(method.name(), path, operation);
                                    DocumentedExamples.add(operation);
                                }));
        records.describe(document);
    }
}
